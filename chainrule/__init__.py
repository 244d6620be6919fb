"""A deep-learning framework that shows its work."""
from chainrule import ops
from chainrule.core.tensor import Tensor, Parameter
from chainrule.core.capture import capture, spec
from chainrule.ops.creation import *
from chainrule.ops.elementwise import *
from chainrule.ops.reduce import *
from chainrule.core.dtypes import *
from chainrule.core.state import *
