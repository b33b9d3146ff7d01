/** Name of a checkpoint for people and the command line. */
export const checkpointName = (run: string, id: string): string => (id === '' ? run : `${run}/${id}`);
