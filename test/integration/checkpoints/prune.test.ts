import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeExecutable, jobPlace, subtask, writes } from '../main-job/job-place.ts';

describe('checkpoints that are kept', { timeout: 180_000 }, () => {
  it('are readable by their owner only, and go when nothing needs them', async () => {
    const place = await jobPlace([writes('a'), writes('b')]);
    const { run } = await place.run('--plan', place.writePlan(subtask('a'), subtask('b', { dependsOn: ['a'] })));
    const [repository = ''] = readdirSync(place.state);
    const folder = join(place.state, repository, 'runs', run.run, 'sessions');
    const archives = () => readdirSync(folder).sort();
    expect(archives()).toHaveLength(2);
    for (const file of archives()) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);

    // What the making of a run left that was broken off before its journal began.
    const broken = join(place.state, repository, 'runs', '20200101-000000-0000000000');
    mkdirSync(join(broken, 'sessions'), { recursive: true });
    place.git('update-ref', 'refs/claude-orchestrator/runs/20200101-000000-0000000000/base', 'HEAD');

    // A run of another state folder, and one whose journal lost its beginning: neither is ours to judge.
    const foreign = 'refs/claude-orchestrator/runs/20200101-000000-1111111111/integration';
    place.git('update-ref', foreign, 'HEAD');
    const begun = '20200101-000000-2222222222';
    const begunFolder = join(place.state, repository, 'runs', begun);
    mkdirSync(join(begunFolder, 'attempts', 'a-1'), { recursive: true });
    mkdirSync(join(begunFolder, 'journal'));
    writeFileSync(join(begunFolder, 'journal', '000001.ndjson'), Buffer.alloc(4096));
    place.git('update-ref', `refs/claude-orchestrator/runs/${begun}/integration`, 'HEAD');

    const turns = () => place.refs().filter((ref) => ref.includes('/attempts/'));
    const before = place.refs();
    const young = await place.command('checkpoints', 'prune', '--dry-run', '--json');
    expect(JSON.parse(young.stdout)).toMatchObject({ checkpoints: [], refs: { length: 1 }, paths: { length: 1 } });
    const old = await place.command('checkpoints', 'prune', '--dry-run', '--older-than', '0.0000001');
    expect(old.stdout).toContain(`${run.run}/a-`);
    expect(place.refs()).toEqual(before);
    expect(archives()).toHaveLength(2);

    const pruned = await place.command('checkpoints', 'prune', '--older-than', '0.0000001');
    expect(pruned.stdout).toContain('1 checkpoints, 2 refs and 2 files are removed');
    // The last of the run stays, and what was merged.
    expect(archives()).toHaveLength(1);
    expect(turns()).toEqual([expect.stringContaining('/attempts/b-')]);
    expect(place.refs()).toContain(`refs/claude-orchestrator/runs/${run.run}/integration`);
    expect(readdirSync(join(place.state, repository, 'runs')).sort()).toEqual([begun, run.run]);
    expect(place.refs()).toEqual(
      expect.arrayContaining([foreign, `refs/claude-orchestrator/runs/${begun}/integration`]),
    );
    const again = await place.command('checkpoints', 'prune', '--older-than', '0.0000001', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ checkpoints: [], refs: [], paths: [] });
  });

  it('go, and the disk is judged, as the configuration of the repository says', async () => {
    const place = await jobPlace([writes('a'), writes('b')]);
    place.write('.claude-orchestrator/config.jsonc', '{ "checkpointDays": 0.0000001, "diskQuotaGb": 0.000001 }');
    const plan = place.writePlan(subtask('a'), subtask('b', { dependsOn: ['a'] }));
    const full = await place.run('--plan', plan, '--concurrency', '1');
    expect(full.run.subtasks[0]?.reason).toContain('GB of the disk');
    const doctor = await place.command('doctor', '--json', '--claude', claudeExecutable);
    const { checks } = JSON.parse(doctor.stdout) as { checks: { check: string; status: string; detail: string }[] };
    expect(checks.find(({ check }) => check === 'disk quota')).toMatchObject({
      status: 'problem',
      detail: expect.stringContaining('of 0.000001 GB are used'),
    });
    place.write('.claude-orchestrator/config.jsonc', '{ "checkpointDays": 0.0000001 }');
    const { code, stderr } = await place.run('--plan', plan);
    expect(code, stderr).toBe(0);
    const pruned = await place.command('checkpoints', 'prune', '--dry-run', '--json');
    expect(JSON.parse(pruned.stdout)).toMatchObject({ checkpoints: { length: 1 } });
    await place.noneLeft();
  });
});
