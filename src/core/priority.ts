/** How urgent a request is: somebody waits for it, a batch has it as a line, the farm asks it for itself. */
export const PRIORITIES = ['interactive', 'batch', 'background'] as const;
export type Priority = (typeof PRIORITIES)[number];
