"""What is wrong, as the command line says it."""

from __future__ import annotations

from typing import Any, Callable, TypeVar

T = TypeVar("T")

_OWN = "org.sparkcurvature.CurvatureException"


class CurvatureError(Exception):
    """What is wrong, where, and how to mend it.

    Attributes
    ----------
    code : int
        That with which the command would end: 2 the configuration, 3 the data, 4 there is no
        answer, 5 it may work later, 1 a defect of this program.
    what, where, remedy : str
        The three parts of the message; `where` and `remedy` may be empty.
    java_stack : str
        Where it came from; empty where it came from Python.
    """

    def __init__(
        self, code: int, what: str, where: str = "", remedy: str = "", java_stack: str = ""
    ) -> None:
        lines = [what]
        if where:
            lines.append(f"  at: {where}")
        if remedy:
            lines.append(f"  to mend it: {remedy}")
        super().__init__("\n".join(lines))
        self.code = code
        self.what = what
        self.where = where
        self.remedy = remedy
        self.java_stack = java_stack


def translated(work: Callable[[], T]) -> T:
    """Calls `work`; an exception of the JVM's own part comes as a `CurvatureError`."""
    from py4j.protocol import Py4JJavaError

    failure: CurvatureError
    try:
        return work()
    except Py4JJavaError as error:
        exception: Any = error.java_exception
        if exception.getClass().getName() != _OWN:
            raise
        failure = CurvatureError(
            exception.code(),
            exception.what(),
            exception.where(),
            exception.remedy(),
            str(error).split("\n: ", 1)[-1],
        )
    raise failure from None
