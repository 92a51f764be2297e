def add(context):
    pass
