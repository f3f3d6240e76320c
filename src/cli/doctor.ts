import { type Config, ConfigError } from '../config.ts';
import { AppError } from '../kernel/errors.ts';
import { fault, fine, type Finding, findingsText } from './doctor/finding.ts';
import { checkDatabase, checkDisk, checkEgress, checkKey } from './doctor/local-checks.ts';
import { checkProviders } from './doctor/provider-checks.ts';
import { checkRecord } from './doctor/record-check.ts';
import { EXIT, type Terminal } from './terminal/terminal.ts';
import type { Verb } from './terminal/verb.ts';
import { openingParts } from './with-workings.ts';

/** `callbook doctor`: what is wrong, and how to mend it. */
export function doctorCommand(program: Verb, terminal: Terminal): void {
  program
    .command('doctor')
    .saying({
      summary: 'Look for what is wrong, and say how to mend it',
      more: [
        'Looks at the settings, the key, the database, the disk, what calls may reach, the providers and the clock.',
        'Changes nothing, and may run beside Callbook. A big database takes a while to read.',
      ].join(' '),
      examples: ['callbook doctor', 'callbook doctor --json'],
    })
    .option('--json', 'print {"healthy", "findings": [{"check", "standing", "detail", "mend"}]}')
    .action(async ({ json }: { json?: true }) => {
      const findings = await examine(terminal);
      const faults = findings.filter(({ standing }) => standing === 'fault').length;
      if (json) await terminal.printJson({ healthy: faults === 0, findings });
      else await terminal.print(findingsText(findings));
      if (faults > 0) terminal.exitCode = EXIT.no;
    });
}

async function examine(terminal: Terminal): Promise<Finding[]> {
  let config: Config;
  try {
    config = terminal.config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((one) => fault('settings', one, 'Change the environment variable, then look again.'));
  }
  const where = config.isProduction ? 'production' : 'this machine only, not production';
  return [fine('settings', `All are in order, for ${where}.`), ...(await examineRest(terminal, config))];
}

async function examineRest(terminal: Terminal, config: Config): Promise<Finding[]> {
  const { createInspection } = await import('../inspection.ts');
  const inspecting = createInspection(await openingParts(terminal));
  try {
    const found = await inspecting.inspectFile();
    const examined = found.state === 'ours' && found.unknown.length === 0 ? await inspecting.examineFile() : null;
    return [
      checkKey(config, inspecting, examined),
      await checkDatabase(config.databaseFile, found, examined),
      ...checkRecord(config, examined),
      await checkDisk(config.databaseFile),
      checkEgress(config),
      ...(await checkProviders(examined?.tokenUrls ?? [], inspecting, (line) => terminal.tell(line))),
    ];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [fault('database', error.message, 'See which process holds the file, and look again.')];
  } finally {
    await inspecting.close();
  }
}
