"""All stocks, by a name that test reports show."""

from support.querying import Stock, external_tasks, historic_process_instances, jobs, process_instances, variables

STOCKS: dict[str, Stock] = {
    "processInstances": process_instances.STOCK,
    "historicProcessInstances": historic_process_instances.STOCK,
    "jobs": jobs.STOCK,
    "externalTasks": external_tasks.STOCK,
    **{f"variables of {stock.name}": stock for stock in variables.STOCKS},
}
CASES = [(name, number) for name, stock in STOCKS.items() for number in range(len(stock.cases))]


def label(case: object) -> str:
    """How a case is shown."""
    if isinstance(case, tuple):
        name, number = case
        return f"{name} {STOCKS[name].cases[number]}"
    return str(case)
