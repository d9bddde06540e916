"""Prints the resources of an account, one a line, sorted, to verify a teardown.

    python inventory.py

Where AWS answers comes from the environment: AWS_ENDPOINT_URL, AWS_REGION.
"""

import os

import botocore.session

# service, operation, the list in the answer, the name of an item
LISTS = [
    ("apigatewayv2", "get_apis", "Items", "Name"),
    ("budgets", "describe_budgets", "Budgets", "BudgetName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("dynamodb", "list_tables", "TableNames", None),
    ("ecr", "describe_repositories", "repositories", "repositoryName"),
    ("events", "list_rules", "Rules", "Name"),
    ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn"),
    ("iam", "list_policies", "Policies", "Arn"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sqs", "list_queues", "QueueUrls", None),
]


def arguments(operation: str) -> dict:
    if operation == "describe_budgets":
        return {"AccountId": client("sts").get_caller_identity()["Account"]}
    # Skips the AWS managed policies, which every account has.
    return {"Scope": "Local"} if operation == "list_policies" else {}


def client(service: str):
    return session.create_client(service, region_name=os.environ["AWS_REGION"])


session = botocore.session.get_session()
found = []
for service, operation, listed, name in LISTS:
    answer = getattr(client(service), operation)(**arguments(operation))
    for each in answer.get(listed, []):
        found.append(f"{service} {listed} {each if name is None else each[name]}")
print("\n".join(sorted(found)))
