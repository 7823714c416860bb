/** What is ready to run, the most urgent first. Pure. */

/** A collection in the order of `urgent`, which must tell any two items apart and never change while they are in it. */
export interface ReadyQueue<Item> {
  add(item: Item): void;
  /** False when it is not in it. */
  delete(item: Item): boolean;
  /** The most urgent one; it stays. */
  first(): Item | undefined;
  /** Those that fit, at most so many, the most urgent first. Goes no further than it needs. */
  filter(fits: (item: Item) => boolean, most?: number): readonly Item[];
}

/** An empty queue. Thousands of items are put in and taken out by halving a sorted list. */
export function readyQueue<Item>(urgent: (a: Item, b: Item) => number): ReadyQueue<Item> {
  // The most urgent last, where it is taken away without moving the others.
  const items: Item[] = [];
  const placeOf = (item: Item): number => {
    let [low, high] = [0, items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (urgent(items[middle] as Item, item) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    add(item) {
      items.splice(placeOf(item), 0, item);
    },
    delete(item) {
      const place = placeOf(item);
      if (items[place] !== item) return false;
      items.splice(place, 1);
      return true;
    },
    first: () => items.at(-1),
    filter(fits, most = Number.POSITIVE_INFINITY) {
      const found: Item[] = [];
      for (let place = items.length - 1; place >= 0 && found.length < most; place -= 1) {
        const item = items[place] as Item;
        if (fits(item)) found.push(item);
      }
      return found;
    },
  };
}
