import type { Subtask } from '../core/model/plan.ts';

/** A subtask, or two parts that it could be split into, as a person edits it. An unknown one is a beginning to fill in. */
export function subtaskText(subtask: Subtask | undefined, id: string, isSplit: boolean): string {
  const { id: _, ...fields } = subtask ?? { title: id, instructions: '', dependsOn: [], scope: [], produces: [], id };
  if (!isSplit) return `${JSON.stringify(fields, null, 2)}\n`;
  const part = (number: number): Subtask => ({
    id: `${id}-${number}`,
    ...fields,
    title: `${fields.title} (part ${number})`,
    dependsOn: number === 1 ? fields.dependsOn : [`${id}-${number - 1}`],
  });
  return `${JSON.stringify([part(1), part(2)], null, 2)}\n`;
}
