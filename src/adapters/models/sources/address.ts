import { CadreError } from '../../../core/errors.ts';

/** Names that reach a client's command line: they cannot start with a dash or hold a blank. */
const NPM_NAME = /^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/;
const PYPI_NAME = /^[A-Za-z0-9][\w.-]*$/;
const MAVEN_NAME = /^[A-Za-z0-9][\w.-]*$/;
const VERSION = /^[0-9][\w.!+-]*$/;

/** A file inside a package of a registry. */
export interface PackagedFile {
  /** npm and PyPI: the package; Maven: group and artifact joined by a colon. */
  readonly name: string;
  readonly version: string;
  /** Path inside the archive, forward slashes. */
  readonly member: string;
}

/** `npm:package@version/path` */
export function parseNpm(source: string): PackagedFile {
  const match = /^npm:((?:@[^/@]+\/)?[^/@]+)@([^/]+)\/(.+)$/.exec(source);
  return packaged(source, match, NPM_NAME);
}

/** `pypi:package==version/path`, or several joined by ` + `. */
export function parsePypi(source: string): readonly PackagedFile[] {
  return source
    .replace(/^pypi:/, '')
    .split(' + ')
    .map((part) => packaged(source, /^([^=/]+)==([^/]+)\/(.+)$/.exec(part.trim()), PYPI_NAME));
}

/** `maven:group:artifact:version/path` */
export function parseMaven(source: string) {
  const match = /^maven:([^:/]+):([^:/]+):([^:/]+)\/(.+)$/.exec(source);
  const [, group = '', artifact = '', version = '', member = ''] = match ?? [];
  if (!match || ![group, artifact].every((name) => MAVEN_NAME.test(name)) || !VERSION.test(version))
    throw unreadable(source);
  return { group, artifact, version, member };
}

/** `hf:owner/repo@revision/file` */
export function parseHub(source: string) {
  const match = /^hf:([\w.-]+\/[\w.-]+)@([\w.-]+)\/([\w./-]+)$/.exec(source);
  const [, repository = '', revision = '', path = ''] = match ?? [];
  if (!match || path.split('/').includes('..')) throw unreadable(source);
  return { repository, revision, path };
}

function packaged(source: string, match: RegExpExecArray | null, names: RegExp): PackagedFile {
  const [, name = '', version = '', member = ''] = match ?? [];
  if (!match || !names.test(name) || !VERSION.test(version)) throw unreadable(source);
  return { name, version, member };
}

function unreadable(source: string): CadreError {
  return new CadreError('source_failed', `the source \`${source.slice(0, 120)}\` cannot be read`);
}
