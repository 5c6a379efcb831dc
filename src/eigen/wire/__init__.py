"""The wire: messages generated from `proto/`, and the pure functions between them and the values of the house.

Nothing here opens a connection. Imported only by what speaks gRPC.
"""
