/** A check as one line, for people: its words, quoted where they hold spaces. */
export function commandText(command: readonly string[]): string {
  return command.map((word) => (/[\s"'\\]/.test(word) ? JSON.stringify(word) : word)).join(' ');
}
