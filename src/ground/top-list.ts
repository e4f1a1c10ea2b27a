/** Places of the `count` greatest scores above `floor`, greatest first; ties by lower place. */
export function topPlaces(scores: Float32Array, count: number, floor: number): number[] {
  const heap: number[] = [];
  const isWorse = (left: number, right: number): boolean => {
    const difference = (scores[left] ?? 0) - (scores[right] ?? 0);
    return difference < 0 || (difference === 0 && left > right);
  };
  let threshold = floor;
  for (let place = 0; place < scores.length; place += 1) {
    const score = scores[place] ?? 0;
    if (!(score > threshold)) continue;
    if (heap.length < count) {
      heap.push(place);
      siftUp(heap, isWorse);
    } else {
      heap[0] = place;
      siftDown(heap, isWorse);
    }
    if (heap.length === count) threshold = scores[heap[0] ?? 0] ?? floor;
  }
  return heap.sort((left, right) => (isWorse(left, right) ? 1 : -1));
}

type Compare = (left: number, right: number) => boolean;

/** The worst place is at the root, so that a better one can take its seat. */
function siftUp(heap: number[], isWorse: Compare): void {
  let index = heap.length - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isWorse(heap[index] ?? 0, heap[parent] ?? 0)) return;
    swap(heap, index, parent);
    index = parent;
  }
}

function siftDown(heap: number[], isWorse: Compare): void {
  let index = 0;
  for (;;) {
    let worst = index;
    for (const child of [2 * index + 1, 2 * index + 2])
      if (child < heap.length && isWorse(heap[child] ?? 0, heap[worst] ?? 0)) worst = child;
    if (worst === index) return;
    swap(heap, index, worst);
    index = worst;
  }
}

function swap(heap: number[], left: number, right: number): void {
  const kept = heap[left] ?? 0;
  heap[left] = heap[right] ?? 0;
  heap[right] = kept;
}
