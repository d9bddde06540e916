import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { hasAdminRoutes, readConfig, requiresKeys } from '../../src/compose/config.js';
import { SETTINGS } from '../../src/compose/settings.js';

const documentation = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

describe('the configuration', () => {
  it('has a sensible value for everything', () => {
    expect(readConfig({})).toMatchObject({ HOST: '127.0.0.1', PORT: 8080, LOG_LEVEL: 'info' });
  });

  it('takes values from the environment, and an empty one as none', () => {
    expect(readConfig({ PORT: '9000', HOST: '' })).toMatchObject({ PORT: 9000, HOST: '127.0.0.1' });
  });

  it.each([
    [{}, true],
    [{ HOST: 'localhost' }, true],
    [{ HOST: '::1' }, true],
    [{ HOST: '127.0.0.2' }, true],
    [{ HOST: '0.0.0.0' }, true],
    [{ HOST: '0.0.0.0', ACCESS: 'open' }, false],
    [{ HOST: '127.example.com', ACCESS: 'open' }, false],
    [{ HOST: '0.0.0.0', ADMIN_ROUTES: 'off' }, false],
    [{ HOST: '0.0.0.0', ADMIN_ROUTES: 'on' }, true],
    [{ ADMIN_ROUTES: 'off' }, false],
  ])('%j: routes that change data are mounted: %s', (environment, there) => {
    expect(hasAdminRoutes(readConfig(environment))).toBe(there);
  });

  it.each([
    [{}, false],
    [{ ACCESS: 'keys' }, true],
    [{ HOST: '0.0.0.0' }, true],
    [{ HOST: '::' }, true],
    [{ HOST: '127.example.com' }, true],
    [{ HOST: '0.0.0.0', ACCESS: 'open' }, false],
  ])('%j: keys are required: %s', (environment, asked) => {
    expect(requiresKeys(readConfig(environment))).toBe(asked);
  });

  it('names every variable at fault', () => {
    expect(() => readConfig({ PORT: '-1', LOG_LEVEL: 'loud' })).toThrow(
      /PORT must.*LOG_LEVEL must/,
    );
  });

  it('names what SageMaker needs, where it is wanted', () => {
    expect(() => readConfig({ TRAINING_SAGEMAKER_BYTES: '1', SAGEMAKER_IMAGE: 'image' })).toThrow(
      /SAGEMAKER_ROLE_ARN must be set.*SAGEMAKER_OUTPUT_URI must be set/,
    );
  });

  it.each([
    [{ HOST: '0.0.0.0' }, true],
    [{ ACCESS: 'keys' }, true],
    [{ HOST: '0.0.0.0', ACCESS: 'open' }, false],
    [{}, false],
  ])('%j: a model for /invocations is refused: %s', (environment, refused) => {
    const read = () => readConfig({ ...environment, INVOCATIONS_MODEL: 'diamonds' });
    if (refused) expect(read).toThrow(/INVOCATIONS_MODEL must be empty where keys are required/);
    else expect(read().INVOCATIONS_MODEL).toBe('diamonds');
  });

  it.each(Object.entries(SETTINGS))('documents %s', (name, setting) => {
    expect(documentation).toContain(
      `| \`${name}\` | \`${setting.default}\` | ${setting.description} |`,
    );
  });

  it('ignores blanks around a value, such as the line ends of Windows', () => {
    expect(readConfig({ ACCESS: 'open\r', PORT: ' 8081 ' })).toMatchObject({
      ACCESS: 'open',
      PORT: 8081,
    });
  });
});
