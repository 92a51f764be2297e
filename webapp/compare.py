class Compare:
    def __init__(self, context):
        pass
