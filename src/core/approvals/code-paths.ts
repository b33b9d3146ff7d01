/** What makes later processes run code: git hooks, settings of Claude and of editors, CI. */
const FOLDERS = [
  ...['.git', '.claude', '.husky', '.vscode', '.idea', '.devcontainer', '.circleci'],
  '.claude-orchestrator',
  ...['.github/workflows', '.github/actions'],
];
const FILES = ['.mcp.json', '.gitmodules', '.envrc', '.gitlab-ci.yml', 'azure-pipelines.yml', 'Jenkinsfile'];

/** Whether an edit of this path (relative, "/" between folders) is never a plain edit. Some file systems ignore case. */
export function runsCode(path: string): boolean {
  const looked = `/${path.toLowerCase()}/`;
  return (
    FOLDERS.some((folder) => looked.includes(`/${folder}/`)) ||
    FILES.some((file) => looked.endsWith(`/${file.toLowerCase()}/`))
  );
}

/** Rules for the CLI's settings: without them it edits some of these files inside its folder without asking. */
export const ASK_BEFORE_EDIT: readonly string[] = [...FOLDERS.map((folder) => `${folder}/**`), ...FILES].map(
  (pattern) => `Edit(**/${pattern})`,
);
