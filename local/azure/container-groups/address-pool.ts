/** The addresses of one subnet; the lowest free one is given out first, as Azure tends to. */
export class AddressPool {
  readonly subnetId: string;
  private readonly first: number;
  private readonly last: number;
  private readonly taken = new Map<number, number>();
  private lowestMaybeFree: number;

  /** `prefix` as in `10.1.0.0/24`; Azure keeps the first four addresses and the last of every subnet. */
  constructor(subnetId: string, prefix: string) {
    const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(prefix);
    const bits = Number(match?.[2]);
    const base = toNumber(match?.[1] ?? '');
    if (base === undefined || bits < 8 || bits > 29)
      throw new RangeError(`not an IPv4 prefix of 8 to 29 bits: ${prefix}`);
    const size = 2 ** (32 - bits);
    const network = base - (base % size);
    this.subnetId = subnetId;
    this.first = network + 4;
    this.last = network + size - 2;
    this.lowestMaybeFree = this.first;
  }

  /** The lowest free address, now taken; undefined when the subnet is full. */
  allocate(): string | undefined {
    let candidate = this.lowestMaybeFree;
    while (this.taken.has(candidate)) candidate += 1;
    this.lowestMaybeFree = candidate;
    if (candidate > this.last) return undefined;
    this.taken.set(candidate, 1);
    return toText(candidate);
  }

  /** Marks an address as used; several may use one while groups swap addresses. */
  take(address: string): void {
    const number = toNumber(address);
    if (number === undefined) throw new RangeError(`not an IPv4 address: ${address}`);
    this.taken.set(number, (this.taken.get(number) ?? 0) + 1);
  }

  release(address: string): void {
    const number = toNumber(address);
    if (number === undefined) return;
    const users = this.taken.get(number) ?? 0;
    if (users > 1) {
      this.taken.set(number, users - 1);
      return;
    }
    this.taken.delete(number);
    if (number >= this.first) this.lowestMaybeFree = Math.min(this.lowestMaybeFree, number);
  }
}

function toNumber(address: string): number | undefined {
  const octets = address.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !Number.isInteger(octet) || octet < 0 || octet > 255))
    return undefined;
  return octets.reduce((number, octet) => number * 256 + octet, 0);
}

const toText = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
