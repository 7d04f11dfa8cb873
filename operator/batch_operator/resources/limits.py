"""How much a status shows, in the CRD and in what is written alike."""

MOST_SAMPLES = 20
LONGEST_EFFECTIVE_QUERY = 32_768
