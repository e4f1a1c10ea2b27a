// Optional packages without which the house is built: their part of the AI SDK's specification.
declare module '@ai-sdk/cohere' {
  export function createCohere(settings: object): {
    languageModel(model: string): import('./ai-sdk-packages.ts').ProviderModel;
  };
}
declare module '@ai-sdk/amazon-bedrock' {
  export function createAmazonBedrock(settings: object): {
    languageModel(model: string): import('./ai-sdk-packages.ts').ProviderModel;
  };
}
