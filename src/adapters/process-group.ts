/** Signals a process that leads a group of its own, and all that it started. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, name);
  } catch {
    // The group ended by itself between the decision and the signal.
  }
}
