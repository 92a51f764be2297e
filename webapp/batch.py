class Batch:
    def __init__(self, context):
        pass
