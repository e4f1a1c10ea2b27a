import { PackageClient } from '../adapters/egress/package-client.ts';
import type { Settings } from './settings.ts';

/** Environment variables that package clients need and that hold no secret of the farm. */
const CLIENT_VARIABLES =
  /^(PATH|HOME|LANG|LC_.*|TMPDIR|USER|.*_PROXY|.*_proxy|npm_config_.*|NPM_CONFIG_.*|PIP_.*|JAVA_HOME|M2_HOME|MAVEN_.*|SSL_CERT_.*|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|XDG_.*|PYENV.*|VIRTUAL_ENV)$/;

/** npm, pip and mvn as they are configured for this user. */
export function composePackageClients({
  config,
  environment,
}: Pick<Settings, 'config' | 'environment'>): PackageClient {
  const passed = Object.entries(environment).filter(([name]) => CLIENT_VARIABLES.test(name));
  return new PackageClient(Object.fromEntries(passed), () =>
    config.fleet.offline ? 'the farm is offline' : undefined,
  );
}
