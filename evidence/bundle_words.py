"""What a bundle says of itself in words: what it holds, how anybody checks it, what that shows and what it does not."""

from collections.abc import Iterator, Mapping
from typing import Any


def summary(about: Mapping[str, Any]) -> Iterator[str]:
    """Yields what a reader must know of what is, and what is not, in a bundle."""
    yield f"{about['looks']} looks in series.csv, records of {about['records']} of them."
    if about["kind"] == "episode":
        yield f"The episode has {about['records_there_are']} looks from the last before it to the first after it."
    if about["records_left_out"]:
        yield f"{about['records_left_out']} of them were left out to keep the bundle small: the ends were chosen first, the rest evenly."
    yield f"{about['records_redacted']} records were redacted; contents.jsonl names each place."
    if about["redactions"]:
        marks = ", ".join(f"{mark} in {count} places" for mark, count in about["redactions"].items())
        yield f"What was taken out: {marks}."
    if about["blobs_withheld"]:
        yield f"{about['blobs_withheld']} contents are withheld; contents.jsonl says why."
    yield f"{about['verdicts_that_follow']} verdicts come out again from what is here, under ruleset {about['ruleset']}."
    for why, count in about["verdicts_that_do_not_follow"].items():
        yield f"{count} cannot be derived again: {why}."
    yield f"Made by {about['made_by']}, measured by {', '.join(about['measured_by'])}."


def how_to_verify(folder: str, about: Mapping[str, Any]) -> bytes:
    """Returns `HOW-TO-VERIFY.md`."""
    told = "\n".join(f"- {each}" for each in summary(about))
    simulated = "\n**Simulated: nothing in this bundle is about the real internet.**\n" if about["simulated"] else ""
    return _TEXT.format(folder=folder, told=told, simulated=simulated, key=about["key"]).encode()


_TEXT = """# How to verify this bundle
{simulated}
Nothing of this needs wallwatch, the internet, or trust in whoever gave you the file, but for what is said at the end.

## With standard tools

Unpack it, and go into the folder:

```sh
unzip FILE.zip
cd {folder}
```

1. Every file is as it was when the bundle was made, and none is missing:

   ```sh
   sha256sum -c manifest-sha256.txt
   sha256sum -c tagmanifest-sha256.txt
   ```

   `bagit.py --validate .` (`pip install bagit`) does both, and also finds files in `data/` that do not belong here.

2. The holder of the key signed the tag manifest, and so all that it lists:

   ```sh
   openssl pkeyutl -verify -pubin -inkey signing-key.pem -rawin -in tagmanifest-sha256.txt -sigfile signature.ed25519
   openssl pkey -pubin -in signing-key.pem -outform DER | sha256sum
   ```

   The second line prints the key's id. It must be the one that the publisher gave you by another way than this file. Here it is
   `{key}`.

3. A record is what its name says: its SHA-256 is its id, and its file name.

   ```sh
   sha256sum data/records/*.json
   ```

   The same holds for the files in `data/dns`, `data/certificates`, `data/bodies`, `data/controls` and `data/sources`, but for those
   with `.redacted` in their name, which are named by the SHA-256 of the redacted copy.

4. Certificate chains and exchanges:

   ```sh
   openssl x509 -in data/chains/NAME.pem -noout -text
   warcio check data/exchanges.warc
   ```

## With wallwatch

`wallwatch verify FILE.zip` does all of the above, judges each record again by the same rules, and folds the series again into
the episode. `--key ID` also asks that it was signed by that key.

## What is in it

{told}

- `data/bundle.json`: what this is, in which versions. `data/contents.jsonl`: where each measurement's files are.
- `data/records`: canonical JSON (RFC 8785), named by SHA-256. `data/records-redacted`: copies, named by the original's id.
- `data/verdicts.jsonl`: the verdicts. `data/rules.json`: the text of the rules that fired.
- `data/series.csv`: the whole series. `data/episode.json`: the episode that it folds into.
- `data/exchanges.warc`: the HTTP exchanges, WARC/1.1. `data/controls`: the controls' replies as they came.

## What was redacted, and what that costs

The vantage point's addresses, cookies, tokens, and what block pages tell of their reader were taken out, because they can put people
at risk. A record from which something was taken out **cannot hash to its id**. Its copy is in `data/records-redacted` under
the original's id, and `contents.jsonl` has the hash of the copy and each place that was changed. That the copy belongs to the
original rests on the signature alone, until the original is shown: then its SHA-256 is the id, which was fixed before.

## What this shows, and what it cannot

- It shows that the holder of the key put exactly this together, and that nothing was changed since.
- It shows that the verdicts and dates follow from the records, by rules that anybody can read.
- It does not show that the measurements took place as recorded: whoever holds the key could have made them up. What speaks against that
  are things that are hard to forge: other people's measurements, signed certificate chains, controls run by others.
- It does not show when it was signed. There is no time stamp of a third party in it.
- It does not show who caused what was seen, or why.
"""
