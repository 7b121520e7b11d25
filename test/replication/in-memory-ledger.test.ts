import { at } from './fixtures.ts';
import { InMemoryLedger } from './in-memory-ledger.ts';
import { holdsToTheContract } from './ledger-contract.ts';

holdsToTheContract(
  'the ledger of these tests',
  () => new InMemoryLedger(() => new Date(at(0))).process().ledger,
);
