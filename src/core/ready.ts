/** What is ready to run, the most urgent first. Pure. */

/** A collection in the order of `urgent`, which must tell any two items apart and never change while they are in it. */
export interface ReadyQueue<Item> {
  add(item: Item): void;
  /** False when it is not in it. */
  delete(item: Item): boolean;
  /** The most urgent one; it stays. */
  first(): Item | undefined;
  /** Those that fit, the most urgent first. */
  filter(fits: (item: Item) => boolean): readonly Item[];
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
    filter: (fits) => items.filter(fits).reverse(),
  };
}
