const READS = /^git (status|diff|log|show|ls-files|blame|grep|rev-parse|shortlog)( |$)/;
/** Whatever could make a shell do more than one plain command. */
const SHELL = /[;&|<>`$(){}\n\r\\]/;
/** Options by which a reading command writes a file or runs a program. */
const BEYOND = /(^|\s)(--output|-o|-O|--open-files-in-pager|--ext-diff|--textconv|--exec)/;

/** Whether a shell command is one plain git command that only reads the repository. */
export function readsGit(command: string): boolean {
  return READS.test(command) && !SHELL.test(command) && !BEYOND.test(command);
}
