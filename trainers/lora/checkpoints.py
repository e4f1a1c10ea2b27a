"""What a training can go on from."""

import hashlib
import json
import os

import torch


class Checkpoints:
    """The last whole state in the folder, of the same order and no other."""

    def __init__(self, order: dict, settings: dict, say):
        self.path = os.path.join(order["folder"], "state.pt")
        told = {
            "base": order["base"]["sha256"],
            "data": order["data"]["sha256"],
            "seed": order["seed"],
            "settings": settings,
        }
        self.order = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        self.say = say

    def write(self, step: int, seconds: float, adapted, optimizer):
        partial = self.path + ".partial"
        weights = [(one.a.detach(), one.b.detach()) for one in adapted.values()]
        state = {"order": self.order, "step": step, "seconds": seconds, "weights": weights}
        torch.save({**state, "optimizer": optimizer.state_dict()}, partial)
        os.replace(partial, self.path)
        self.say(type="checkpoint", step=step)

    def resume(self, adapted, optimizer) -> tuple[int, float]:
        """Steps that are done and the seconds that they took; (0, 0.0) where nothing was kept."""
        try:
            state = torch.load(self.path, weights_only=True)
        except FileNotFoundError:
            return 0, 0.0
        except Exception as error:  # torch names no common class for a damaged file
            self.say(type="log", text=f"the checkpoint is damaged, it begins anew: {error}")
            return 0, 0.0
        if state["order"] != self.order:
            return 0, 0.0
        with torch.no_grad():
            for layer, (a, b) in zip(adapted.values(), state["weights"], strict=True):
                layer.a.copy_(a)
                layer.b.copy_(b)
        optimizer.load_state_dict(state["optimizer"])
        self.say(type="log", text=f"goes on after step {state['step']}")
        return state["step"], state["seconds"]
