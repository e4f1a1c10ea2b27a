import { describe, expect, it } from 'vitest';
import { parseSourceCode } from '../../src/adapters/parsers/source-code.ts';

/** Line and headings of every block. */
const outline = (text: string) =>
  parseSourceCode(text).blocks.map((block) => [block.line, ...block.headings]);

describe('source code by declarations', () => {
  it('TypeScript: methods over several lines, accessors and fields that are functions', () => {
    const text = `import { x } from './x.ts';

/** Options. */
export interface Options {
  readonly a: number;
}

/** A cart. */
export class Cart extends Base {
  #items: Item[] = [];

  constructor(private readonly a: number) {
    super();
  }

  /** Sums. */
  async total<T extends Item>(
    first: T,
    second: number,
  ): Promise<number> {
    return 1;
  }

  get size(): number {
    return 1;
  }

  static readonly of = (a: number) => {
    return new Cart(a);
  };
}

export const run = async (a: number): Promise<void> => {
  const inner = () => 1;
  inner();
};

export default function main() {}`;
    expect(outline(text)).toEqual([
      [1],
      [3, 'export interface Options'],
      [8, 'export class Cart extends Base'],
      [12, 'export class Cart extends Base', 'constructor(private readonly a: number)'],
      [16, 'export class Cart extends Base', 'async total<T extends Item>('],
      [24, 'export class Cart extends Base', 'get size(): number'],
      [28, 'export class Cart extends Base', 'static readonly of = (a: number) =>'],
      [33, 'export const run = async (a: number): Promise<void> =>'],
      [38, 'export default function main() {}'],
    ]);
  });

  it('Python: decorators, nested classes, statements at the margin', () => {
    const text = `"""Module doc."""
import os

@decorator
class Cart(Base):
    """A cart."""

    limit = 3

    @property
    def total(self):
        """Sums."""
        def helper():
            return 1
        return helper()

    async def clear(self):
        pass

    class Meta:
        def x(self):
            pass


async def main():
    pass

if __name__ == "__main__":
    main()`;
    expect(outline(text)).toEqual([
      [1],
      [4, 'class Cart(Base)'],
      [10, 'class Cart(Base)', 'def total(self)'],
      [17, 'class Cart(Base)', 'async def clear(self)'],
      [20, 'class Cart(Base)', 'class Meta'],
      [21, 'class Cart(Base)', 'class Meta', 'def x(self)'],
      [25, 'async def main()'],
      [28],
    ]);
  });

  it('Go: methods and groups', () => {
    const text = `package shop

import "fmt"

// Cart holds items.
type Cart struct {
	items []Item
}

// Total sums the cart.
func (c *Cart) Total() int {
	sum := 0
	for _, item := range c.items {
		if item.ok() {
			sum += item.price
		}
	}
	return sum
}

const (
	A = 1
	B = 2
)`;
    expect(outline(text)).toEqual([
      [1],
      [5, 'type Cart struct'],
      [10, 'func (c *Cart) Total() int'],
      [21, 'const ('],
    ]);
  });

  it('Rust: attributes, impl and nested modules', () => {
    const text = `use std::fmt;

/// A cart.
#[derive(Debug)]
pub struct Cart {
    items: Vec<Item>,
}

impl Cart {
    /// Sums.
    pub fn total(&self) -> u32 {
        self.items.iter().map(|i| i.price).sum()
    }

    pub(crate) async fn clear(&mut self) -> Result<(), Error>
    where
        Self: Sized,
    {
        self.items.clear();
        Ok(())
    }
}

mod tests {
    #[test]
    fn works() {
        assert!(true);
    }
}`;
    expect(outline(text)).toEqual([
      [1],
      [3, 'pub struct Cart'],
      [9, 'impl Cart'],
      [10, 'impl Cart', 'pub fn total(&self) -> u32'],
      [15, 'impl Cart', 'pub(crate) async fn clear(&mut self) -> Result<(), Error>'],
      [24, 'mod tests'],
      [25, 'mod tests', 'fn works()'],
    ]);
  });

  it('Java: members of inner classes', () => {
    const text = `package shop;

import java.util.List;

/**
 * A cart.
 */
public final class Cart {
    private final List<Item> items;

    /** Makes one. */
    public Cart(List<Item> items) {
        this.items = items;
    }

    @Override
    public int total() throws Exception {
        if (items.isEmpty()) {
            return 0;
        }
        return 1;
    }

    static class Inner {
        void deep() {
            run();
        }
    }
}`;
    expect(outline(text)).toEqual([
      [1],
      [5, 'public final class Cart'],
      [11, 'public final class Cart', 'public Cart(List<Item> items)'],
      [16, 'public final class Cart', 'public int total() throws Exception'],
      [24, 'public final class Cart', 'static class Inner'],
      [25, 'public final class Cart', 'static class Inner', 'void deep()'],
    ]);
  });

  it('C: types on a line of their own', () => {
    const text = `#include <stdio.h>

#define MAX 3

/* Adds. */
static int add(int a, int b)
{
    return a + b;
}

struct point {
    int x;
};

int
main(void) {
    if (add(1, 2)) {
        return 1;
    }
    return 0;
}`;
    expect(outline(text)).toEqual([
      [1],
      [5, 'static int add(int a, int b)'],
      [11, 'struct point'],
      [15, 'main(void)'],
    ]);
  });

  it('shell: both kinds of functions, and what is none', () => {
    const text = `#!/bin/bash
set -e

# Prints help.
usage() {
  echo "help"
}

function build {
  make all
}

if [ -z "$1" ]; then
  usage
fi`;
    expect(outline(text)).toEqual([[1], [4, 'usage()'], [9, 'function build'], [13]]);
  });

  it('SQL: definitions and statements', () => {
    const text = `-- Users of the shop.
CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  name TEXT
);

CREATE INDEX users_name ON users (name);

SELECT *
FROM users
WHERE id = 1;

create or replace function f() returns int as $$
begin
  return 1;
end;
$$ language plpgsql;`;
    expect(outline(text)).toEqual([
      [1, 'CREATE TABLE users ('],
      [7, 'CREATE INDEX users_name ON users (name);'],
      [9, 'SELECT *'],
      [13, 'create or replace function f() returns int as $$'],
    ]);
  });
});
