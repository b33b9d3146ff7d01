export interface Random {
  /** A short id that is unique in the state folder, safe in file names and git refs. */
  id(): string;
  /** Uniform in [0, 1). */
  fraction(): number;
}
