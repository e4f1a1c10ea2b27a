import { loadProvider } from '../adapters/models/ai-sdk-packages.ts';
import type { DestinationConfig } from '../core/config.ts';
import { toCadreError } from '../core/errors.ts';
import type { Finding } from './finding.ts';
import type { Settings } from './settings.ts';

/** Whether each remote server has what it needs on this machine; nothing is sent to any. */
export function diagnoseDestinations({ config, environment }: Settings): Promise<Finding[]> {
  return Promise.all(config.destinations.map((one) => diagnose(one, environment)));
}

async function diagnose(
  destination: DestinationConfig,
  environment: Settings['environment'],
): Promise<Finding> {
  const { id, url, keyEnv, clearance } = destination;
  const subject = `destination ${id}`;
  if (keyEnv !== undefined && !environment[keyEnv])
    return {
      subject,
      state: 'bad',
      detail: `the environment variable ${keyEnv} is not set`,
      remedy: `export ${keyEnv}=… before the start`,
    };
  const problem = await packageProblem(destination);
  if (problem !== undefined)
    return { subject, state: 'bad', detail: problem.detail, remedy: problem.remedy };
  return { subject, state: 'good', detail: `${url}, up to ${clearance}` };
}

async function packageProblem({ id, package: name }: DestinationConfig) {
  if (name === undefined) return undefined;
  try {
    await loadProvider(name, id);
    return undefined;
  } catch (thrown) {
    const { message } = toCadreError(thrown);
    const [, remedy = 'install it'] = /`([^`]+)`/.exec(message) ?? [];
    return { detail: `the optional package ${name} is not installed`, remedy };
  }
}
