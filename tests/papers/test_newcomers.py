"""What docs/teacher.md says to newcomers, in a paper that does it."""

from chainrule.papers import parse

PAPER = """---
title: Where newcomers stumble
---

# 1. A classifier

```yaml givens
x: {value: [1, -1], range: -3..3}
w: {value: [[1, 0], [0, 2]], range: -2..2}
```

```python
x, w, unused = tensor(x), parameter(w), parameter([1])
z = w @ x
p = z.softmax(0)
J = -p[1].log()

conv = nn.Conv2d(3, 8, 3, stride=2, padding=1)
embed = nn.Embedding(100, 16)
line = nn.Sequential(nn.Conv1d(1, 1, 2), nn.Conv1d(1, 1, 2, dilation=2))

optimizer = optim.SGD([w], lr=0.1)
J.backward()


def scaled(v):
    return v / 2
```

## (a)

```yaml answer
kind: numeric
value: J
working: explain(J, zoom="ops")
```

## (b)

```yaml answer
kind: numeric
value: grad(J, [w])[0]
working: "[J, optimizer.explain()]"
```

## (c)

```yaml answer
kind: shape
value:
  image: cr.summary(conv, ("B", 3, 32, 32))[0].output_shape
  text: cr.summary(embed, cr.spec("B", 128, dtype=cr.int64))[0].output_shape
  field: cr.analysis.receptive_field(line, (1, 1, 100)).size
```

## (d)

```yaml answer
kind: truefalse
holds: grad(J, [unused], allow_unused=True)[0] is None and grad(J, [w])[0] is not None
```

## (e)

```yaml answer
kind: drawing
value: J
```

## (f)

```yaml answer
kind: code
value: scaled
```

## (g)

```yaml answer
kind: symbolic
value: scaled(cr.symbols("x"))
published: \\frac{x}{2}
```
"""


def test_all_of_it_works():
    parts = {part.id: part for part in parse(PAPER).solve().parts}
    assert {part.error for part in parts.values()} == {""}
    first = [table.title for table in parts["1b"].working]
    assert first[0] == "Forward"
    assert "p, step 1 of SGD: lr\xa0=\xa00.1" in first
    assert parts["1c"].answer == {
        "image": ["B", 8, 16, 16], "text": ["B", 128, 16], "field": [4],
    }  # fmt: skip
    assert parts["1d"].answer == "T"
    assert parts["1e"].values[""].picture.startswith("<svg")
    assert parts["1f"].answer == "def scaled(v):\n    return v / 2"
    assert parts["1g"].agreement == "agrees"
