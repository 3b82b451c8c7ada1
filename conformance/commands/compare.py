"""`responses-conformance compare`: several runs beside each other."""

from collections.abc import Sequence

from conformance.report.compare_arguments import arguments


def main(words: Sequence[str]) -> int:
    """Write the comparison; gives the exit code."""
    arguments(words)  # help and mistakes end here, before the report's templates are loaded
    from conformance.report.compare import main as compare

    return compare(words)
