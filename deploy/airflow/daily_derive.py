"""Derives every day's data, for Airflow 2.4 and later, by the command that cron runs.

SPARK_CURVATURE_HOME is a checkout of spark-curvature on the worker; DATA and RESULTS are folders on any Hadoop file
system, of a folder for each day. A day that is done already is done at once, so that retries and backfills are safe.
What went wrong, and whether a retry can help, is in $RESULTS/status/DAY.json.
"""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(
    dag_id="daily_derive",
    schedule="15 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=15)},
) as dag:
    BashOperator(
        task_id="derive",
        bash_command='"$SPARK_CURVATURE_HOME/deploy/cron/daily-derive" "{{ ds }}"',
        append_env=True,
    )
