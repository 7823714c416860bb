/** Long work in slices of time, between which the event loop goes on. */

/** How long one slice of work may hold the event loop, in milliseconds. */
const SLICE_MS = 8;

/** Of one piece of work: whether its slice is over, and how to wait for the next turn of the event loop, in which a new one begins. */
export function slices(): { due(): boolean; next(): Promise<void> } {
  let since = performance.now();
  return {
    due: () => performance.now() - since > SLICE_MS,
    async next() {
      await new Promise((resolve) => setImmediate(resolve));
      since = performance.now();
    },
  };
}

/** The result of work that yields every millisecond or so; the event loop goes on between slices of it. */
export async function inSlices<Result>(steps: Generator<void, Result>): Promise<Result> {
  const slice = slices();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    if (slice.due()) await slice.next();
  }
}

/** The result of such work, in one go. */
export function atOnce<Result>(steps: Generator<void, Result>): Result {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}
