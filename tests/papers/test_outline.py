"""A paper as text, with nothing of it run."""

from chainrule.papers import parse
from chainrule.papers.outline import given_text, outline, size

PAPER = """---
title: A midterm
source: ours
conventions: {variance: unbiased, half: true}
---
Answer all.

# 1. Networks [10 marks]

A network.

```yaml givens
k: {value: 0.1, range: 0.1..0.9, says: the rate}
W: [[1, -2], [1/3, sqrt(2)]]
f: {word: tanh, range: [tanh, relu]}
g: {symbol: g, positive: true}
x: {symbols: [a, b]}
h: {letter: h}
on: true
```

```python
raise SystemExit("this would end the process")
```

## (a) All of it [2 marks]

```python
net = nn.Linear(2, 1)
net = nn.Linear(2, 1)
```

```yaml answer
kind: numeric
readings:
  one: k
  two: {p: k, q: 'k
    + 1'}
# a comment
also: {heavy: 2 * k}
published: {p: 0.10, q: [1, 2]}
```

## (b) A choice [1 mark]

```yaml answer
kind: choice
options:
  A: {says: it is, holds: k > 0}
  B: {says: it is not, holds: k <= 0}
```

## (c) A proof

```yaml answer
kind: proof
claims:
  k is positive: k > 0
```

## (d)

```yaml answer
kind: proof
experiment: it learns
```
"""

TEXT = """A midterm
ours
p.md: 1 question, 4 parts, 3 marks; its Python was not run
conventions variance: unbiased
           half: true

Answer all.

1. Networks [10 marks]
  A network.
  given      k = 1/10 (from 1/10..9/10 step 1/10): the rate
             W = [[1, -2], [1/3, sqrt(2)]]
             f = tanh (from one of tanh, relu)
             g = g, positive unknown
             x = [a, b], unknown
             h = h, a size
             on = true
  defined    by Python, line 23

  1a All of it
  defined    by Python, lines 29 to 30
  asked      numeric [2 marks], line 33
             one: k
             two, p: k
             two, q: k + 1
             also heavy: 2 * k
  published  p = 0.10, q = [1, 2]

  1b A choice
  asked      choice [1 mark], line 46
             A  it is: k > 0
             B  it is not: k <= 0

  1c A proof
  asked      proof, line 55
             k is positive: k > 0

  1d
  asked      proof, line 63
  waits      it learns"""


def test_the_outline_runs_nothing():
    assert outline(parse(PAPER, file="p.md")) == TEXT


def test_sizes():
    one = "---\ntitle: T\n---\n# 1. Q [1 mark]\n```yaml answer\nkind: exact\nvalue: nn\n```\n"
    assert size(parse(one)) == "1 question, 1 part, 1 mark"
    assert size(parse(one.replace(" [1 mark]", ""))) == "1 question, 1 part"
    assert given_text(parse(PAPER_K).questions[0].givens["k"]) == "k = [1, 2] (from [1..2, 0..9])"


PAPER_K = """---
title: T
---
# 1. Q
```yaml givens
k: {value: [1, 2], range: [1..2, 0..9]}
```
```yaml answer
kind: exact
value: k
```
"""
