"""Whatever Athena is asked, in forms that its model allows or nearly so, it answers as the model says."""

import os
import random
import unittest

from endpoint import REGION, Endpoint
from model_requests import RawClient, broken, value_for
from service_model import ModelCheck, deviations

REQUESTS = int(os.environ.get("REQUESTS", "600"))
SEED = int(os.environ.get("SEED", "1"))
OPERATIONS = [
    operation + what for what, operations in {
        "QueryExecution": ("Start", "Get", "BatchGet", "Stop"),
        "WorkGroup": ("Create", "Update", "Get", "Delete"),
        "NamedQuery": ("Create", "Update", "Get", "BatchGet", "Delete"),
        "PreparedStatement": ("Create", "Update", "Get", "BatchGet", "Delete"),
        "TableMetadata": ("List", "Get"),
        "Database": ("Get",),
        "DataCatalog": ("Get",)}.items() for operation in operations
] + ["GetQueryResults", "GetQueryRuntimeStatistics", "ListQueryExecutions", "ListWorkGroups",
     "ListNamedQueries", "ListPreparedStatements", "ListDataCatalogs", "ListDatabases",
     "ListEngineVersions", "ListTagsForResource"]


class AthenaRequestsTest(unittest.TestCase):
    def test_answers_are_those_of_the_model(self):
        with Endpoint() as endpoint:
            client = RawClient("athena", endpoint.url, endpoint.key, endpoint.secret, REGION)
            chance = random.Random(SEED)
            for number in range(REQUESTS):
                name = chance.choice(OPERATIONS)
                operation = client.model.operation_model(name)
                body = value_for(operation.input_shape, chance)
                if chance.random() < 0.5:
                    body = broken(body, chance)
                status, code, answer = client.send(name, body)
                what = f"request {number} of seed {SEED}: {name} {str(body)[:500]}: {status} {answer}"
                self.assertLess(status, 500, what)
                if code is None:
                    if operation.output_shape:
                        self.assertEqual(list(deviations(operation.output_shape, answer, name)),
                                         [], what)
                else:
                    declared = {e.metadata.get("error", {}).get("code", e.name)
                                for e in operation.error_shapes}
                    self.assertIn(code, declared | ModelCheck.COMMON | {"SerializationException"},
                                  what)


if __name__ == "__main__":
    unittest.main()
