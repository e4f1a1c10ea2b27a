/** `1 sentence`, `2 sentences`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `the one sentence is`, `all 2 sentences are`. */
export function allAre(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `the one ${one} is` : `all ${count} ${many} are`;
}
