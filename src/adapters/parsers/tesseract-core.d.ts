/** A build of Tesseract 5 for WebAssembly; the package has no types of its own. */
declare module 'tesseract.js-core/tesseract-core-simd-lstm.js' {
  /** The part of the engine's interface that is used. */
  export interface Engine {
    readonly FS: { writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void };
    readonly TessBaseAPI: new () => EngineApi;
  }
  export interface EngineApi {
    Init(path: string | null, language: string, mode: number): number;
    SetVariable(name: string, value: string): boolean;
    /** Reads `/input`; 1 = not a picture. */
    SetImageFile(orientation: number, angle: number): number;
    Recognize(monitor: null): number;
    GetTSVText(page: number): string;
    Clear(): void;
  }
  const makeEngine: (options: {
    readonly print: () => void;
    readonly printErr: () => void;
  }) => Promise<Engine>;
  export default makeEngine;
}
