"""The ops: one class each, registered by being imported.  One kind a folder, one family a file:

* `elementwise`: entry by entry; `reduce`: along axes; `normalise`: to mean 0 and variance 1;
* `shape`: entries moved; `window`: windows that slide, convolution, pooling; `lookup`: by an index;
* `linear`: products; `losses`;
* `creation`: made of nothing; `structural`: holding graphs, or marking values;
* methods of tensors that are no op: `methods`, `surroundings`, `typed`.

The folders import nothing of theirs themselves: families need each other across folders.
"""

# ruff: noqa: F401

import chainrule.ops.elementwise.abstract
import chainrule.ops.elementwise.activations
import chainrule.ops.elementwise.arithmetic
import chainrule.ops.elementwise.bounds
import chainrule.ops.elementwise.compare
import chainrule.ops.elementwise.complex
import chainrule.ops.elementwise.elementary
import chainrule.ops.elementwise.logarithms
import chainrule.ops.elementwise.piecewise
import chainrule.ops.elementwise.predicates
import chainrule.ops.elementwise.rectifiers
import chainrule.ops.elementwise.rounding
import chainrule.ops.elementwise.signs
import chainrule.ops.elementwise.special
import chainrule.ops.elementwise.trigonometry
import chainrule.ops.elementwise.variants
import chainrule.ops.linear.attention
import chainrule.ops.linear.chains
import chainrule.ops.linear.cofactors
import chainrule.ops.linear.contract
import chainrule.ops.linear.linalg
import chainrule.ops.linear.matmul
import chainrule.ops.linear.norms
import chainrule.ops.linear.products
import chainrule.ops.lookup.indexing
import chainrule.ops.lookup.picking
import chainrule.ops.lookup.primitive
import chainrule.ops.lookup.scattering
import chainrule.ops.losses.class_losses
import chainrule.ops.losses.common
import chainrule.ops.losses.margin_losses
import chainrule.ops.losses.probability_losses
import chainrule.ops.losses.regression_losses
import chainrule.ops.reduce.cumulative
import chainrule.ops.reduce.deviation
import chainrule.ops.reduce.distinct
import chainrule.ops.reduce.extremes
import chainrule.ops.reduce.quantiles
import chainrule.ops.reduce.reductions
import chainrule.ops.reduce.search
import chainrule.ops.reduce.sorting
import chainrule.ops.reduce.truth
import chainrule.ops.shape.arranging
import chainrule.ops.shape.borders
import chainrule.ops.shape.diagonals
import chainrule.ops.shape.moves
import chainrule.ops.shape.pieces
import chainrule.ops.shape.pixels
import chainrule.ops.shape.primitive
import chainrule.ops.shape.splitting
import chainrule.ops.shape.views
import chainrule.ops.structural.custom
import chainrule.ops.structural.loop
import chainrule.ops.structural.scan
import chainrule.ops.structural.stable
from chainrule.ops import creation, methods, normalise, surroundings, typed, window
