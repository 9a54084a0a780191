"""What an operation costs: processor seconds, memory, queries."""

import os
import resource
import time
from dataclasses import asdict, dataclass

TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    """The cost of one run.

    ``cpu``: seconds of this process and of its database backend; ``wall``: seconds that
    passed; ``memory``: by how many megabytes the process grew at its peak.
    """

    cpu: float = 0.0
    wall: float = 0.0
    queries: int = 0
    memory: float = 0.0

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


class Meter:
    """Context manager that fills ``cost`` with what its block costs.

    Processor seconds do not depend on what else the machine does, so they are what
    ratios are made of. The backend must run on this machine.
    """

    def __init__(self, cr):
        self.cr = cr
        self.cost = Cost()

    def __enter__(self) -> "Meter":
        self._forget_peak()
        self._memory = _peak_memory()
        self._queries = self.cr.sql_log_count
        self._wall = time.monotonic()
        self._cpu = self._cpu_seconds()
        return self

    def __exit__(self, *exception) -> None:
        self.cost = Cost(
            cpu=self._cpu_seconds() - self._cpu,
            wall=time.monotonic() - self._wall,
            queries=self.cr.sql_log_count - self._queries,
            memory=_peak_memory() - self._memory,
        )

    def _cpu_seconds(self) -> float:
        return time.process_time() + self._backend_seconds()

    def _backend_seconds(self) -> float:
        pid = self.cr._cnx.get_backend_pid()
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError as error:
            raise SystemExit(
                "The benchmarks count the processor seconds of the database server, so it must "
                "run on this machine."
            ) from error
        user, system = int(fields[11]), int(fields[12])
        return (user + system) / TICK

    @staticmethod
    def _forget_peak() -> None:
        """Let the peak start from what is in use now, not from loading Odoo."""
        with open("/proc/self/clear_refs", "w", encoding="utf-8") as control:
            control.write("5")


def _peak_memory() -> float:
    """Return the peak of the resident memory in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
