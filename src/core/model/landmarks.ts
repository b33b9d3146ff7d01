// See `attempt-files.ts`: the supervisor reads no more of a stream than this.
import * as z from 'zod/mini';

/** The frames by which a worker's supervisor knows where in its turn the worker is; `frames.ts` has all of them. */
const landmarkSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('result') }),
  z.object({
    type: z.literal('control_request'),
    request_id: z.string(),
    request: z.object({ subtype: z.literal('can_use_tool') }),
  }),
]);

export type Landmark = z.infer<typeof landmarkSchema>;

/** A line of the stream as a landmark; undefined for any other line. */
export function parseLandmark(line: string): Landmark | undefined {
  try {
    return landmarkSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
