import { once } from 'node:events';

import { type Addresses, chooseAddresses, urlOf } from './addresses.js';
import { renderBanner } from './banner.js';
import { type HostEnvironment, inventSettings } from './child-settings.js';
import { demoApiKey } from './demo-account.js';
import { type HomeDirectory, RUN_FILE } from './home-directory.js';
import type { LaunchFailure } from './launch-failure.js';
import type { Log } from './log.js';
import {
  type Program,
  runProgram,
  STOP_ORDER,
  SupervisedProgram,
  type Surroundings,
} from './program.js';
import { appProgram, checkBundles, simulatorProgram } from './programs.js';
import { provideDatabase } from './provide-database.js';
import { provideQueue } from './provide-queue.js';
import { isReady, portAnswers } from './readiness.js';
import { type LauncherSettings, makeSecrets } from './settings.js';
import { Watchdog } from './watchdog.js';

const SERVERS = ['gateway', 'extraction-worker', 'query-worker', 'ops'] as const;
const READY_WITHIN_MS = 60_000;

/** One run of the whole product: programs are started in order and stopped in order. */
export class Launch {
  readonly #running: SupervisedProgram[] = [];
  readonly #cleanUps: (() => void)[] = [];
  readonly #surroundings: Surroundings;
  #failure: LaunchFailure | undefined;

  constructor(
    private readonly home: HomeDirectory,
    private readonly settings: LauncherSettings,
    private readonly given: HostEnvironment,
    private readonly log: Log,
    private readonly stopping: AbortController,
  ) {
    this.#surroundings = { log, watchdog: new Watchdog(home) };
  }

  /** Resolves after a stop signal, when every program has ended. @throws LaunchFailure */
  async run(): Promise<void> {
    checkBundles([...SERVERS, 'migrator']);
    const addresses = await chooseAddresses(this.settings);
    this.#surroundings.watchdog.start();
    try {
      await this.#bringUp(addresses);
      if (!this.stopping.signal.aborted) await once(this.stopping.signal, 'abort');
    } catch (error) {
      // A step that was interrupted by the stop signal did not fail.
      if (!this.stopping.signal.aborted) throw error;
    } finally {
      await this.#takeDown();
    }
    if (this.#failure) throw this.#failure;
  }

  async #bringUp(addresses: Addresses): Promise<void> {
    const startedAt = Date.now();
    const site = {
      home: this.home,
      settings: this.settings,
      addresses,
      surroundings: this.#surroundings,
      stopping: this.stopping.signal,
      start: (program: Program) => this.#start(program),
      cleanUp: (action: () => void) => this.#cleanUps.push(action),
    };
    const database = await provideDatabase(site);
    const queue = await provideQueue(site, database);
    const secrets = makeSecrets(this.given);
    const inventedFor = inventSettings({ ...site, given: this.given, database, queue, secrets });

    const migrator = appProgram('migrator', this.given, inventedFor('migrator'));
    await runProgram(migrator, this.#surroundings, this.stopping.signal);
    await this.#startAll([
      ...SERVERS.map((app) => appProgram(app, this.given, inventedFor(app))),
      simulatorProgram(this.given, addresses.simulator.port),
    ]);
    await Promise.all(
      SERVERS.map((app) =>
        isReady(app, addresses[app].readyUrl, READY_WITHIN_MS, this.stopping.signal),
      ),
    );
    await portAnswers(addresses.simulator.port, this.stopping.signal);
    for (const supervised of this.#running) supervised.markReady();

    const url = urlOf(this.settings.LISTEN_HOST, addresses.gateway.port);
    const opsUrl = urlOf(this.settings.LISTEN_HOST, addresses.ops.port);
    const simulatorUrl = `http://127.0.0.1:${addresses.simulator.port}`;
    const apiKey = await demoApiKey(this.home, url, secrets.adminToken, this.stopping.signal);
    this.home.keep(RUN_FILE, { url, opsUrl, simulatorUrl });
    this.#cleanUps.push(() => this.home.remove(RUN_FILE));
    this.log.info(`Ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
    this.log.print(
      renderBanner({
        ...secrets,
        url,
        opsUrl,
        simulatorUrl,
        apiKey,
        database: database.description,
        queue: queue.description,
      }),
    );
  }

  async #startAll(programs: readonly Program[]): Promise<void> {
    await Promise.all(programs.map((program) => this.#start(program)));
  }

  async #start(program: Program): Promise<void> {
    this.stopping.signal.throwIfAborted();
    const supervised = new SupervisedProgram(program, this.#surroundings, (failure) => {
      this.#failure ??= failure;
      this.stopping.abort();
    });
    this.#running.push(supervised);
    await supervised.start();
  }

  async #takeDown(): Promise<void> {
    this.log.info('Stopping.');
    for (const rank of STOP_ORDER) {
      const same = this.#running.filter(({ program }) => program.rank === rank);
      await Promise.all(same.map((supervised) => supervised.stop()));
    }
    for (const cleanUp of this.#cleanUps) cleanUp();
    await this.#surroundings.watchdog.close();
    this.log.info('Stopped.');
  }
}
