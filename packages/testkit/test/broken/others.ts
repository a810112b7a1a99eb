import {
  blobStoreSuite,
  cacheReplaceSuite,
  cacheSuite,
  hotReloadSuite,
  labelsSuite,
  stateStoreSuite,
} from '../../src/index.ts';
import { type BlobFault, ReferenceBlobStore } from '../reference/reference-blob-store.ts';
import { type CacheFault, ReferenceCache, ReferenceSlot, type SlotFault } from '../reference/reference-cache.ts';
import { type LabelsFault, ReferenceAgent } from '../reference/reference-labels.ts';
import { ReferenceReload, type ReloadFault } from '../reference/reference-reload.ts';
import { openReferenceState, type StateFault } from '../reference/reference-state-store.ts';
import type { BrokenSubject } from './broken-subject.ts';

const PROGRAM = new URL('../fixtures/blob-program.ts', import.meta.url);

function broken<F extends string>(
  caught: Readonly<Record<F, string>>,
  suite: (fault: F) => BrokenSubject['suite'],
  where: Pick<BrokenSubject, 'place'> = {},
): readonly BrokenSubject[] {
  return Object.entries<string>(caught).map(([fault, caughtBy]) => ({
    fault,
    caughtBy,
    suite: suite(fault as F),
    ...where,
  }));
}

/** Loaders that are wrong in one way each. */
export const BROKEN_LOADERS: readonly BrokenSubject[] = broken<ReloadFault>(
  {
    'swap that is done too early': 'new calls go to the new version once the swap is done',
    'old version closed under its caller': 'a call that runs finishes on the old version',
    'moment without a version': 'there is no moment without a version',
    'metadata of the old version': 'what the plugin says about itself changes with its answers',
    'refused version is in service':
      'a version that is no good is refused and leaves the old one in service (traps at start)',
    'refused version takes the old one with it':
      'a version that is no good is refused and leaves the old one in service (garbage)',
    'version without tools accepted':
      'a version that is no good is refused and leaves the old one in service (incomplete)',
    'two changes race': 'two changes at once end on the later one',
    'two changes race, each as fast as it compiles': 'two changes at once end on the later one',
    'running call made again': 'a call that waits for its turn moves to the new version',
    'settings lost on change': 'settings are there after a change',
    'live before it is configured': 'no call sees a new version before it has its settings',
    'settings lost on the second change': 'settings are there after the second change too',
    'settings of its time on rollback': 'settings are there after a rollback',
    'settings lost on rollback': 'settings are there after a rollback',
    'configure during a change lost': 'settings that come during a change are those of the new version',
    'refused version never closed': 'a version that was refused is closed',
    'every change after a refused one fails': 'a change after refused ones works',
    'second rollback goes forward': 'a second rollback does not go forward again',
    'no way back': 'rolls back to the version before',
    'waiting call is lost': 'a call that waits for its turn moves to the new version',
    'old version never let go': 'an old version is closed when its last call has ended',
    'version left behind by close': 'close during a change closes all versions',
  },
  (fault) => (t) => hotReloadSuite(t, { create: async (options) => new ReferenceReload(options, fault) }),
);

/** Caches, slots and stores that are wrong in one way each. */
export const BROKEN_CACHES: readonly BrokenSubject[] = [
  ...broken<CacheFault>(
    {
      'no single flight': 'many who want one module at once have it compiled once',
      'key too short': 'never gives one module for another',
      'keyed by two digits': 'never gives one module for another',
      'keyed by its end': 'never gives one module for another',
      'nothing kept': 'a module that is in use is not compiled again',
      'keyed by name': 'never gives one module for another of the same name',
      'bytes read after a turn': 'compiles the bytes as they were when it was called',
      'failure cached': 'a failure is not kept',
      'module compiled after close': 'refuses to compile once it is closed',
      'close does not wait for compiles': 'close waits for compiles under way, and they end well',
      'nameless error': 'refuses bytes that are no module, and serves on',
      'close only once': 'close can be called again',
    },
    (fault) => (t) => cacheSuite(t, { create: async (options) => new ReferenceCache(options, fault) }),
  ),
  ...broken<SlotFault>(
    {
      'old cache closed twice': 'puts the new cache in service, and closes the old one once',
      'replacement closes a cache in use': '32 compilers notice nothing of 50 replacements',
      'failed replacement takes the old one with it':
        'a replacement that fails is reported and leaves the old one in service',
      'nothing replaced after a failure': 'a replacement after a failed one works',
      'closed when replaced by itself': 'what is replaced by itself stays in service, and is closed once, at the end',
      'trouble in closing undoes the replacement': 'trouble in closing the old one is reported, and undoes nothing',
      'trouble in closing is lost': 'trouble in closing the old one is reported, and undoes nothing',
      'replacements race': 'two at once end on the later one',
      'late cache left open': 'closing the slot closes what is in service, and what opens too late',
    },
    (fault) => (t) => cacheReplaceSuite(t, { create: (initial) => new ReferenceSlot(initial, fault) }),
  ),
  ...broken<BlobFault>(
    {
      'entry visible before it is whole':
        'a process that dies in the middle of writing leaves the old entry or the new',
      'old entry moved aside while the new one comes':
        'a process that dies, at any step, leaves the old entry or the new',
      'old entry lost on failure': 'a disk that fails, at any step, leaves the old entry or the new',
      'temporary file of the dead in the way': 'a process that dies, at any step, hinders nobody after it',
      'one temporary name for all': 'of many writers of one key, one wins whole',
      'damage not noticed': 'an entry that was damaged is as good as absent, and can be written again',
      'checksum without the key': 'an entry under another key’s name is as good as absent',
      'temporary files left': 'a failed write leaves no file behind',
      'failed write not reported': 'a write that fails says so',
      'shared read buffer': 'what a reader was given is the reader’s own',
      'last read remembered': 'what a reader was given is the reader’s own',
      'unchanged read remembered': 'what a reader was given is the reader’s own',
      'failed write blocks the next': 'after a failed write the next one works',
      'entry written in two halves': 'two processes write one key, and nobody ever reads half of it',
      'keys by their first letter': 'gives back what was written, also to another store on the same directory',
    },
    (fault) => (t) => {
      // The fault of the last one is in the other process alone.
      const isElsewhere = fault === 'entry written in two halves';
      const program = isElsewhere ? { program: new URL(`${PROGRAM}?fault=${encodeURIComponent(fault)}`) } : {};
      const here = isElsewhere ? undefined : fault;
      blobStoreSuite(t, { create: async (options) => new ReferenceBlobStore(options, here), ...program });
    },
    { place: 'disk' },
  ),
];

const PART = 'a write that its sink may have only in part is denied, and not made';

/** Monitors that are wrong in one way each. */
export const BROKEN_MONITORS: readonly BrokenSubject[] = broken<LabelsFault>(
  {
    'lost label update': 'no label that a read brought is lost',
    'integrity joined instead of intersected': 'integrity is what vouched for everything that was read',
    'write checked before the guard has answered':
      'of 12 calls, no write passes that was checked after a read which forbids it',
    'write denied to every sink': 'a write to a sink that may have what was read passes',
    'labels forgotten': 'labels only ever become more restrictive',
    'labels forgotten after a write': 'labels only ever become more restrictive',
    'first label compared only': PART,
    'denied write made': PART,
  },
  (fault) => (t) =>
    labelsSuite(t, { create: async (options) => new ReferenceAgent(options, fault), calls: 12, seed: 1 }),
);

const EXPIRED = 'a record whose time to live is over is absent to every operation';
const RENEWED = 'a time to live is renewed by expire and forgotten by a write without one';
const FAILING = 'while the store fails every operation is rejected with GATEWAY_STATE';

const WRONG = 'a wrong time to live, and a value that is no JSON, are a TypeError and change nothing';
const LEFT = 'where nobody listens any more, publish soon says so';

/** State stores that are wrong in one way each. */
export const BROKEN_STATE_STORES: readonly BrokenSubject[] = broken<StateFault>(
  {
    'put loses a null': 'gives back what was put last',
    'object shared with its giver': 'shares no object with anybody',
    'object shared with its readers': 'shares no object with anybody',
    'keys normalised': 'tells keys apart, whatever characters they have',
    'large value cut': 'gives back a large value whole',
    'compare-and-set makes what is absent': 'compare-and-set writes at its revision alone, and tells what is there',
    'compare-and-set deletes at any revision': 'compare-and-set writes at its revision alone, and tells what is there',
    'refused compare-and-set tells nothing': 'compare-and-set writes at its revision alone, and tells what is there',
    'revision counted again after a delete': 'gives no revision twice, not even for the same value after a delete',
    'wrong time to live accepted': WRONG,
    'wrong new time to live accepted': WRONG,
    'value that is no JSON accepted': WRONG,
    'message that is no JSON accepted': WRONG,
    'delete always done': 'delete says whether there was something',
    'compare-and-set in two steps': 'of many who change one record at once, nobody’s change is lost',
    'compare-and-set in two steps, between two stores':
      'of many who change one record at once, nobody’s change is lost',
    'close takes the records along': 'another store has the same records',
    'nothing ever expires': EXPIRED,
    'expired records still read': EXPIRED,
    'expired records in the way of new ones': EXPIRED,
    'unseen expired record deleted as if it were there': EXPIRED,
    'unseen expired record compared as if it were there': EXPIRED,
    'expire only makes longer': RENEWED,
    'put ignores the time to live': EXPIRED,
    'time to live in whole seconds': EXPIRED,
    'expire ignored': RENEWED,
    'expire is a new revision': RENEWED,
    'put keeps the time to live': RENEWED,
    'always heard': 'publish says whether anybody may hear it, whichever store listens',
    'heard by its own listeners only': 'publish says whether anybody may hear it, whichever store listens',
    'heard by who has left': LEFT,
    'heard by who has closed': LEFT,
    'one that rejects is not heard': 'what an async listener rejects with is heard by the store',
    'messages overtake each other': 'everyone who listens to a channel hears each publisher in order',
    'message shared': 'a message is everyone’s own, whatever it holds',
    'delivery after the end of a subscription': 'nothing is heard once a subscription has been ended',
    'one that throws ends the delivery': 'a listener that throws hurts nobody, itself included',
    'failure looks like an absent record': FAILING,
    'failure hangs': FAILING,
    'failure without a code': FAILING,
    'subscriptions lost in a failure': 'a store that is back serves again, and subscriptions hear',
    'no gap after a failure': 'whoever listens is told by gap that a failure may have cost messages',
    'records lost in a failure without a word': 'records that a failure has taken are told of by lives',
    'revisions counted again after a failure': 'gives no revision twice that was given before a failure',
    'closed store serves on': 'a store that is closing or closed rejects every operation with GATEWAY_STATE',
    'closing store serves on': 'a store that is closing or closed rejects every operation with GATEWAY_STATE',
    'delivery after the close': 'nothing is heard after the close',
    'close only once': 'close can be called again',
  },
  (fault) => (t) => stateStoreSuite(t, { create: async (options) => openReferenceState(options, fault) }),
);
