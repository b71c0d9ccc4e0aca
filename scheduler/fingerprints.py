"""The fingerprints that the configuration names, beside the few that come with wallwatch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence.fingerprint import Fingerprint
from evidence.fingerprint_lists import FingerprintsError, ListReport, read_list, read_own
from evidence.fingerprint_match import FingerprintSet
from models.targets_errors import Problem, TargetsError
from models.targets_file import Loaded, read


@dataclass(frozen=True, slots=True)
class Known:
    """A set of fingerprints, and what became of the lists that it was made of."""

    set: FingerprintSet
    reports: tuple[ListReport, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The set and the reports as a plain object, for `check --json`."""
        lists = [report.to_json() for report in self.reports]
        return {"digest": self.set.digest, "used": self.set.count, "lists": lists}


def own() -> Known:
    """Returns what comes with wallwatch."""
    return Known(FingerprintSet(read_own()))


def known(loaded: Loaded) -> Known:
    """Returns the fingerprints of a configuration; raises TargetsError naming each list that cannot be used at all."""
    found: list[Fingerprint] = read_own()
    reports, problems = [], []
    for name, text in loaded.fingerprints:
        try:
            rows, report = read_list(name, text)
        except FingerprintsError as error:
            file = str(loaded.files[0].parent / name)
            problems.append(Problem(file=file, line=error.line, column=1, key="", message=str(error)))
            continue
        found += rows
        reports.append(report)
    if problems:
        raise TargetsError(problems)
    return Known(FingerprintSet(found), tuple(reports))


def known_to(config: Path, *, required: bool) -> Known:
    """Returns the fingerprints of a configuration file; only what comes with wallwatch where there is none and may be none."""
    return known(read(config)) if required or config.exists() else own()
