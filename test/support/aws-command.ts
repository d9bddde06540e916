import { spawnSync } from 'node:child_process';
import { test } from '@jest/globals';

const { status, stdout } = spawnSync('aws', ['--version'], { encoding: 'utf8' });

/** A test that needs the `aws` command. */
export const testAws = status === 0 ? test : test.skip;
if (status !== 0)
  process.stderr.write(
    '\nNOT TESTED: the AWS command line is not installed: see docs.aws.amazon.com/cli\n\n',
  );

/** The option for a raw payload of version 2, which takes base64 by default; version 1 has none. */
export const RAW_PAYLOAD = /^aws-cli\/1\./.test(stdout)
  ? []
  : ['--cli-binary-format', 'raw-in-base64-out'];
