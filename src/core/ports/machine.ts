/** The machine that workers run on. */
export interface Machine {
  /** Memory that more workers can use, in MB; undefined where the system does not say. */
  freeMemoryMb(): number | undefined;
}
