"""The script people usually write for a what-if: read the exports, merge, group by, share out.

In floats, and by volume of work alone; prints its seconds and what each council would pay.
"""

import json
import sys
import time
from pathlib import Path

import pandas as pd


def shared_by_volume(folder: Path, first: str, last: str) -> dict[str, float]:
    """What each council would pay from month to month if shared cost went by volume of work."""
    costs = pd.concat(pd.read_csv(f) for f in sorted(folder.glob("costs/*.csv")))
    volumes = pd.concat(pd.read_csv(f) for f in sorted(folder.glob("volumes/*.csv")))
    services = pd.read_csv(folder / "reference/services.csv")
    members = pd.read_csv(folder / "reference/memberships.csv").fillna({"to": "9999-12"})
    agreed = pd.read_csv(folder / "cost_shares.csv")

    costs = costs[(costs["budget_block"] == "shared") & costs["period"].between(first, last)]
    is_overhead = costs["service_id"].isin(services[services["overhead"] == "yes"]["service_id"])
    overhead = costs[is_overhead].groupby("period")["actual_gbp"].sum()
    rest = costs[~is_overhead]
    direct = rest[~rest["cost_type"].isin(["Income", "Recharges"])]
    base = direct.groupby(["service_id", "period"])["actual_gbp"].sum().rename("base")
    pools = rest.groupby(["service_id", "period"])["actual_gbp"].sum().rename("pool")
    pools = pd.concat([pools, base], axis=1).reset_index()
    part = pools["base"] / pools.groupby("period")["base"].transform("sum")
    pools["pool"] += part * pools["period"].map(overhead)

    volumes["year"] = _year(volumes["period"])
    volumes = volumes.merge(services, left_on=["service_id", "unit"],
                            right_on=["service_id", "main_unit"])  # fmt: skip
    keys = ["service_id", "council_id", "year"]
    weights = volumes.groupby(keys)["quantity"].mean().rename("weight").reset_index()
    pools["year"] = _year(pools["period"])
    paying = pools.merge(agreed, on=["service_id", "year"]).merge(
        members, on=["service_id", "council_id"]
    )
    paying = paying[paying["period"].between(paying["from"], paying["to"])]
    paying = paying.merge(weights, on=keys)
    whole = paying.groupby(["service_id", "period"])["weight"].transform("sum")
    paying["pays"] = paying["pool"] * paying["weight"] / whole
    return paying.groupby("council_id")["pays"].sum().to_dict()


def _year(period: pd.Series) -> pd.Series:
    first = period.str[:4].astype(int) - (period.str[5:] < "04")
    return first.astype(str) + "-" + ((first + 1) % 100).astype(str).str.zfill(2)


if __name__ == "__main__":
    start = time.perf_counter()
    pays = shared_by_volume(Path(sys.argv[1]), "2017-04", "2018-03")
    print(json.dumps({"seconds": time.perf_counter() - start, "pays": pays}))
