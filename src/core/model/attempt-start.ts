/** What an attempt starts from. */
export interface AttemptStart {
  /** What its result is compared with. */
  readonly base: string;
  /** It goes on with a result that came back from the integration. */
  readonly returned?: {
    /** The attempt with that result. */
    readonly attempt: string;
    /** What its worktree is made of: that result merged with the base. */
    readonly start: string;
    /** Files that conflict: their markers are in the worktree. */
    readonly conflicts: readonly string[];
    /** What its worker is told. */
    readonly message: string;
  };
}
