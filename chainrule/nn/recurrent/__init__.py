"""Recurrent networks: a step, `scan` along the sequence, and what PyTorch calls them."""

from chainrule.nn.recurrent.elman import RNN, RNNCell
from chainrule.nn.recurrent.gru import GRU, GRUCell
from chainrule.nn.recurrent.jordan import JordanRNN
from chainrule.nn.recurrent.lstm import LSTM, LSTMCell

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "JordanRNN", "LSTMCell", "RNNCell"]
